"""The pages of the app: thin, each shows and asks; all answers are the facade's.

Not called pages: Streamlit takes a folder of that name for its own.
"""
