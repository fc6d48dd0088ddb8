# The binary in an image of its own. The configuration and its keys are mounted at /etc/isds, data at /var/lib/isds:
#   docker build -t isds .
#   docker run -v /etc/isds:/etc/isds:ro -v isds:/var/lib/isds -p 443:8443 --stop-timeout 120 isds

FROM rust:1.95-trixie AS build
RUN apt-get update && apt-get install --yes --no-install-recommends nodejs npm
WORKDIR /src
COPY . .
RUN cargo xtask build

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/isds --create-home --shell /usr/sbin/nologin isds
COPY --from=build /src/target/release/isds /usr/local/bin/isds
COPY docs/operations.md docs/operations/isds.service /usr/share/doc/isds/
USER isds
WORKDIR /var/lib/isds
VOLUME /var/lib/isds
# A port that needs no privilege: listen = "0.0.0.0:8443". Whether it is ready tells GET /health/ready; whoever runs many
# containers asks that, and the image asks nothing.
EXPOSE 8443
STOPSIGNAL SIGTERM
ENTRYPOINT ["isds"]
CMD ["serve", "--config", "/etc/isds/isds.toml"]
