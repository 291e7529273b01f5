"""Where will this run end? Learning curves extrapolated from a first part of training, with what that part cannot know.

The folder has another name than the call `curves.extrapolate`, which importing it would replace.
"""
