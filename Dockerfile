# One image for web, worker and beat; the command tells them apart (docker-compose.yml).
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements-run.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-run.lock

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
RUN useradd --system --uid 10001 --no-create-home rungs \
 && mkdir -p /app/var/files && chown -R rungs /app/var
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py pyproject.toml ./
COPY config config
COPY apps apps
COPY ladders ladders
COPY templates templates
COPY static static
# collectstatic needs no secret of the installation, only one that is not the default
RUN SECRET_KEY=only-while-this-image-is-built-0123456789-0123456789 python manage.py collectstatic --noinput
USER rungs
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8000/healthz', timeout=4)"]
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=4", \
     "--no-control-socket", "--graceful-timeout=20", "--max-requests=5000", "--max-requests-jitter=500", "--worker-tmp-dir=/dev/shm"]
