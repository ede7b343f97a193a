# The production image: web, worker and beat all run from it (see docker-compose.yml).
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/jalon/app
RUN useradd --system --uid 10001 --home-dir /srv/jalon jalon \
    && install -d -o jalon -g jalon /srv/jalon/files /srv/jalon/static

COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/prod.txt

COPY . .
ENV STATIC_ROOT=/srv/jalon/static PRIVATE_FILES_ROOT=/srv/jalon/files
RUN python manage.py compile_translations && STATIC_MANIFEST=1 python manage.py collectstatic --no-input -v 0

USER jalon
EXPOSE 8000
CMD ["uvicorn", "marketplace.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", \
     "--no-access-log", "--no-server-header", "--proxy-headers", "--timeout-graceful-shutdown", "20", \
     "--ws-max-size", "131072"]
