"""What can happen in the world, noun by noun; `World` is made of these."""
