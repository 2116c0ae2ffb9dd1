"""Files sent as a form (multipart/form-data), taken apart as they arrive, in memory alone."""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from handful.serving.refusals import Refusal

FIELD = "files"


class Multipart:
    """The files of a form.

    Parameters
    ----------
    content_type : str
        The header, which holds what separates the parts.
    most_files : int

    Attributes
    ----------
    files : list of tuple of str and bytes
        Name and content of every file so far.
    """

    def __init__(self, content_type: str, most_files: int) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise Refusal(400, "the form has no boundary in its Content-Type: let your HTTP "
                               "library write this header")  # fmt: skip
        self.files: list[tuple[str, bytes]] = []
        self._most_files = most_files
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._content = bytearray()
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                callbacks={
                    "on_part_begin": self._begin,
                    "on_header_field": self._on_field,
                    "on_header_value": self._on_value,
                    "on_header_end": self._end_header,
                    "on_part_data": self._on_content,
                    "on_part_end": self._end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise Refusal(400, f"the form's boundary cannot be used: {error}") from error

    def feed(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises
        ------
        Refusal
            They are no form, or a part is not called ``files``.
        """
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise Refusal(400, f"the body is no form as its Content-Type says: {error}") from error

    def finish(self) -> list[tuple[str, bytes]]:
        """All files.

        Raises
        ------
        Refusal
            The form breaks off, or holds no file.
        """
        if not self._ended:
            raise Refusal(400, "the form breaks off before its end: send it again")
        if not self.files:
            raise Refusal(422, f"the form holds no file: send at least one as {FIELD!r}")
        return self.files

    def _begin(self) -> None:
        self._headers = {}
        self._content = bytearray()
        if len(self.files) >= self._most_files:
            raise Refusal(413, f"the form holds more than {self._most_files} files: send fewer at "
                               "once")  # fmt: skip

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _on_content(self, data: bytes, start: int, end: int) -> None:
        self._content.extend(data[start:end])

    def _end(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        field = options.get(b"name", b"").decode(errors="replace")
        if field != FIELD:
            raise Refusal(422, f"the form has a part called {field[:40]!r}; send each file as "
                               f"{FIELD!r}")  # fmt: skip
        name = options.get(b"filename", b"").decode(errors="replace")
        self.files.append((name or f"file {len(self.files) + 1}", bytes(self._content)))
        self._content = bytearray()

    def _on_end(self) -> None:
        self._ended = True
