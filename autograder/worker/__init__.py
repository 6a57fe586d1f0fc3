"""What runs inside the sandbox. This folder alone is shown there, so it holds no check and no answer."""
