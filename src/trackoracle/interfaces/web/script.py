"""What Streamlit runs for every user, at every turn."""

from trackoracle.interfaces.web.shell import show

show()
