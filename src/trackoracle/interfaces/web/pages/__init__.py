"""The pages of the app: thin, each shows and asks; all answers are the facade's."""
