# The server, and the commands beside it (sweep, doctor, plans …), in an image without a shell, as nobody in particular.
#   docker build -t turnpike .
#   docker run --rm --read-only -p 3000:3000 --env-file turnpike.env turnpike
#   docker run --rm --env-file turnpike.env turnpike dist/doctor.js

FROM gcr.io/distroless/nodejs24-debian12:nonroot AS runtime

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY web/package.json ./web/
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build
# Compiled by the very Node that will run it: V8 takes back no other's.
COPY --from=runtime /nodejs/bin/node /nodejs/bin/node
RUN /nodejs/bin/node infra/bundle/bundle.js && rm -rf dist/sandbox

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY web/package.json ./web/
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM runtime
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/web/dist ./web/dist
COPY --from=build /app/dist-bundle ./dist-bundle
EXPOSE 3000
USER nonroot
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# It drains on SIGTERM for DRAIN_SECONDS, and the engine must wait longer than that: docker stop --timeout 30.
STOPSIGNAL SIGTERM
CMD ["--max-semi-space-size=16", "dist-bundle/main.cjs"]
