"""Which folders may be attached."""


def path_fault(path: str) -> str | None:
    """Why the path is refused, or None. Pure."""
    if not path.startswith("/") or path.startswith("//") or "\0" in path:
        return "path is not absolute"
    if ".." in path.split("/"):
        return "path has a part that is .."
    return "path is the whole machine" if path.strip("/") == "" else None
