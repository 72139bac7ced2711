"""Audio and video as results: the media themselves, so that they become files."""

import base64

import pytest

from .component import KernelClient

MP4 = base64.b64encode(b"\x00\x00\x00\x18ftypmp42").decode()


@pytest.mark.parametrize(
    ("code", "media_type", "begins"),
    [
        ("Audio([0.0, 0.5, -0.5], rate=8000)", "audio/wav", b"RIFF"),
        ("Audio(b'ID3', rate=8000)", "audio/wav", b"ID3"),
        ("open('/tmp/a.mp3', 'wb').write(b'ID3'); Audio('/tmp/a.mp3')", "audio/mpeg", b"ID3"),
        (f"Video('{MP4}', embed=True)", "video/mp4", b"\x00\x00\x00\x18ftyp"),
        ("Video(b'\\x1aE', embed=True, mimetype='video/webm')", "video/webm", b"\x1aE"),
        (
            "open('/tmp/a.webm', 'wb').write(b'\\x1aE'); Video('/tmp/a.webm', embed=True)",
            "video/webm",
            b"\x1aE",
        ),
    ],
)
def test_media_with_their_data_are_sent_as_such(
    kernel: KernelClient, code: str, media_type: str, begins: bytes
) -> None:
    data = kernel.run(f"from IPython.display import Audio, Video\n{code}").content("execute_result")["data"]
    assert data.keys() == {media_type, "text/plain"}
    assert base64.b64decode(data[media_type]).startswith(begins)


@pytest.mark.parametrize(
    "code",
    ["Audio(url='http://example.org/a.ogg')", "Video('http://example.org/a.mp4')", "Video(url='a.mp4')"],
)
def test_media_with_an_address_only_stay_pages(kernel: KernelClient, code: str) -> None:
    data = kernel.run(f"from IPython.display import Audio, Video\n{code}").content("execute_result")["data"]
    assert data.keys() == {"text/html", "text/plain"}
    assert "a." in data["text/html"]


def test_a_pdf_figure_is_sent_as_a_pdf(kernel: KernelClient) -> None:
    code = "%config InlineBackend.figure_formats = ['pdf']\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
    data = kernel.run(code).content("display_data")["data"]
    assert base64.b64decode(data["application/pdf"]).startswith(b"%PDF")
