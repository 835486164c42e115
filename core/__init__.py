"""The torch work behind the tabs. Nothing here imports gradio."""
