# Podium itself: consumers, streams and the page, for a Kafka and a PostgreSQL that run elsewhere.
FROM python:3.13-slim

WORKDIR /podium
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --system --create-home podium

USER podium
WORKDIR /home/podium
ENTRYPOINT ["podium"]
CMD ["run"]
