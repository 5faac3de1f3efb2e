"""What plugs grayc into pipelines, GitOps and editors, by the tools that read it."""
