"""A network camera for tests: HTTP MJPEG on 127.0.0.1, which can stall, close and come back."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from stylecam.realtime.video.libraries import cv2


class MjpegServer:
    """Serves a picture that changes 50 times a second while `flowing` is set."""

    def __init__(self, port=0, size=(96, 64)):
        self.flowing, self.stopped = threading.Event(), threading.Event()
        self.flowing.set()
        self.requests = 0
        self.size, self.level = size, None  # both may be changed; a level takes the place of the pictures' numbers
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                camera.requests += 1
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                number = 0
                with contextlib.suppress(OSError):  # the viewer left
                    while not camera.stopped.wait(0.02):
                        if camera.flowing.is_set():
                            self.wfile.write(_part(number if camera.level is None else camera.level, camera.size))
                            number += 1

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = False
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/video"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self):
        """Breaks all connections off and frees the port."""
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.stopped.is_set():
            self.close()


def _part(number, size):
    picture = np.full((size[1], size[0], 3), number % 201, np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"
