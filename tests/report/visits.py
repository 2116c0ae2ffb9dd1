"""A page in a real browser, and whatever it does that it should not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

# WCAG 2.2, relative luminance and contrast ratio; colours are read back from a canvas, so that
# every notation the browser knows is understood.
CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour, under) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const c of [under, colour]) { canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement)
      layers.unshift(getComputedStyle(e).backgroundColor);
    return layers.reduce((under, layer) => `rgb(${rgb(layer, under)})`, 'white');
  };
  const luminance = c => c.map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = element => {
    const style = getComputedStyle(element), under = behind(element);
    const text = element.closest('svg') ? style.fill : style.color;
    const [a, b] = [luminance(rgb(text, under)), luminance(rgb(under, 'white'))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return [...document.body.querySelectorAll('*')]
    .filter(e => own(e) && e.checkVisibility() && !e.closest('.hidden, .skip'))
    .map(e => [contrast(e), `${e.tagName} .${e.getAttribute('class')} ${e.textContent.trim()}`]);
}"""


@dataclass
class Visit:
    """A page that was opened, and whatever it did that it should not have done."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self, file: str) -> None:
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self._dialog(dialog))
        self.page.on("request", lambda request: self._request(request.url, file))

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, url: str, file: str) -> None:
        if url != file and not url.startswith("data:"):
            self.faults.append(f"request: {url}")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
