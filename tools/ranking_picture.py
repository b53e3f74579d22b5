"""Takes the README's picture of the ranking page: ``python tools/ranking_picture.py DEMO/发布/2023-12/排名.html`` (needs Chromium)."""

import subprocess
import sys
import tempfile
from pathlib import Path

OUT = Path(__file__).parents[1] / "docs/ranking.png"
WIDTH, HEIGHT = 1050, 1750


def main(page: str) -> None:
    """The page with its third body opened, as a picture."""
    text = Path(page).read_text(encoding="utf-8")
    before, rest = text.split("<details", 1)[0], text.split("<details")[1:]
    rest[2] = " open" + rest[2]
    with tempfile.TemporaryDirectory() as folder:
        opened = Path(folder) / "page.html"
        opened.write_text(before + "".join(f"<details{part}" for part in rest), encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},{HEIGHT}"]
        subprocess.run(["chromium", *flags, f"--screenshot={OUT}", opened.as_uri()], check=True, capture_output=True)
    print(OUT)


if __name__ == "__main__":
    main(sys.argv[1])
