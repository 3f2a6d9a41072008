"""Says which links between the pages of target/site lead nowhere.

    mvn -B -N site && python3 tools/site-links.py target/site
"""

import pathlib
import sys
import urllib.parse
from html.parser import HTMLParser


class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, page):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name in ("id", "name") and value:
                self.anchors.add(value)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = [page for page in root.rglob("*.html") if "apidocs" not in page.relative_to(root).parts]
    read = {page: Links(page) for page in pages}
    broken = []
    for page, found in read.items():
        for link in found.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else page
            if not target.exists():
                broken.append(f"{page.relative_to(root)}: {link}")
            elif parts.fragment and target in read and parts.fragment not in read[target].anchors:
                broken.append(f"{page.relative_to(root)}: {link} (no such heading)")
    print(*broken, sep="\n")
    print(len(pages), "pages,", len(broken), "broken links")
    sys.exit(1 if broken else 0)


main()
