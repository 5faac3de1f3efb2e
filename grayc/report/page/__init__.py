"""The page of `grayc report`: a view of plain data, a template, a style sheet and a script, in one file."""
