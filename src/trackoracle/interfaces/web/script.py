"""What Streamlit runs for every user, at every turn."""

if __name__ == "__main__":  # processes that hear recordings run it under another name
    from trackoracle.interfaces.web.shell import show

    show()
