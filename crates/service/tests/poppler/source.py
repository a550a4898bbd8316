"""What a person reads in an HTML document, by Python's own parser: the words of the text, in order, one a line.

Left out is what is never shown (head, styles, scripts) and what the document hides by the attribute `hidden`. Words
that a style sheet adds are not in it."""

import html.parser
import sys

UNSHOWN = {"head", "style", "script", "template", "title"}
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Words(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.hidden = []
        self.text = []

    def handle_starttag(self, tag, attributes):
        if tag in EMPTY:
            if tag == "br":
                self.text.append("\n")
            return
        if self.hidden or tag in UNSHOWN or any(name == "hidden" for name, _ in attributes):
            self.hidden.append(tag)
        elif tag not in {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "s", "small", "span",
                         "strong", "sub", "sup", "u"}:
            self.text.append("\n")

    def handle_endtag(self, tag):
        if self.hidden:
            if tag in self.hidden:
                while self.hidden.pop() != tag:
                    pass
        elif tag not in {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "s", "small", "span",
                         "strong", "sub", "sup", "u"}:
            self.text.append("\n")

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


words = Words()
words.feed(open(sys.argv[1], encoding="utf-8").read())
words.close()
sys.stdout.reconfigure(encoding="utf-8")
print("\n".join("".join(words.text).split()))
