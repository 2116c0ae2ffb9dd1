"""A page of the studio in a real browser, as a person uses it."""

import time

PATIENCE_MS = 180_000


class Page:
    """The studio's page, and whatever it did that it should not have done."""

    def __init__(self, browser, studio, width=1200, **options):
        self.faults, self._url = [], studio.url
        self.page = browser.new_page(viewport={"width": width, "height": 800}, **options)
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda m: self.faults.append(f"console: {m.text}"))
        self.page.on("pageerror", lambda e: self.faults.append(f"error: {e}"))
        self.page.on("request", lambda r: self._look(r.url))
        self.page.goto(studio.url)
        self.page.locator("html[data-ready]").wait_for()

    def _look(self, url):
        if not url.startswith((self._url, "data:", "blob:")):
            self.faults.append(f"request: {url}")

    def screen(self, name):
        self.page.click(f".top nav a[href='#{name}']")
        self.page.locator(f"#screen-{name}").wait_for()

    def record(self, opener, tag, seconds):
        """Hold the button for a while."""
        self.page.click(opener)
        button = self.page.locator("#recorder .main:enabled")
        self.page.fill("#recorder input", tag)
        button.hover()  # waits until the device is open
        self.page.mouse.down()
        time.sleep(seconds)
        self.page.mouse.up()

    def train(self, before=0):
        self.screen("train")
        self.page.click("#train")
        self.page.locator(f"#beside article:nth-child({before + 1})").wait_for()
        self.page.locator("#train:enabled").wait_for()


DROP = """([selector, files]) => {
  const target = document.querySelector(selector);
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  for (const kind of ["dragover", "drop"])
    target.dispatchEvent(new DragEvent(
      kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""
