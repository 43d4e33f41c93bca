"""`GET /audio/<language>/<file>`: recordings that replace synthetic speech, with headers to keep them in caches."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from helpline.authentication import open_to_all
from helpline.prompts_folder import AUDIO, AUDIO_TYPES, PromptsFolder

CACHE_SECONDS = 3600


def recording_routes(folder: PromptsFolder, path: Path) -> Blueprint:
    routes = Blueprint("recordings", __name__)

    @routes.get("/audio/<language>/<file>")
    @open_to_all
    def recording(language: str, file: str) -> Response:
        if f"{language}/{file}" not in folder.current().recordings:
            return Response(status=404)
        return send_from_directory(
            path.resolve() / AUDIO / language,
            file,
            mimetype=AUDIO_TYPES[Path(file).suffix],
            max_age=CACHE_SECONDS,
        )

    return routes
