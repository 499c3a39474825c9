"""Drawing every page in every state: the stage it is drawn on, the scenes, the camera, and the few pictures of the README."""
