# The app for others to use: see docs/hosting.md.
#   docker build -t trackoracle .
#   docker run --read-only --tmpfs /tmp -v feedback:/feedback -p 127.0.0.1:8501:8501 trackoracle

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/trackoracle
ENV PATH=/opt/trackoracle/bin:$PATH
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
RUN pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[app,audio,live]' \
    && pip uninstall --yes pip

FROM python:3.11-slim-bookworm
# LightGBM's wheel wants the system's OpenMP. Its version is the base image's business.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin trackoracle \
    && install --directory --owner trackoracle --mode 0700 /feedback
COPY --from=build /opt/trackoracle /opt/trackoracle
ENV PATH=/opt/trackoracle/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TRACKORACLE_CACHE=/tmp/trackoracle \
    TRACKORACLE_FEEDBACK=/feedback/feedback.db
WORKDIR /tmp
VOLUME /feedback
USER 10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["trackoracle", "app", "--host", "0.0.0.0", "--port", "8501", "--allow-public", "--no-open"]
