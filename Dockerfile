# syntax=docker/dockerfile:1

# 26.12.1 and later carry security fixes that earlier 26 releases lack. The tag follows the patches of 26.12.
ARG NODE_IMAGE=node:26.12-bookworm-slim

FROM ${NODE_IMAGE} AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# The optional dependencies bring a Node along, and this image has one; no dependency needs its install script.
FROM base AS production-dependencies
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM base AS all-dependencies
RUN npm ci --omit=optional --ignore-scripts

FROM ${NODE_IMAGE} AS mocks
WORKDIR /app
COPY --from=all-dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY schema ./schema
COPY services-mock ./services-mock
USER node
ENV NODE_ENV=production
# Names, hosts and ports are arguments: `accounts --host 0.0.0.0 --port 4101`. Without any, all of them run on 127.0.0.1.
ENTRYPOINT ["node", "services-mock/main.ts"]

FROM ${NODE_IMAGE} AS gateway
WORKDIR /app
COPY --from=production-dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY schema ./schema
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 ADMIN_HOST=0.0.0.0 ADMIN_PORT=4001
EXPOSE 4000 4001
HEALTHCHECK --interval=5s --timeout=2s --start-period=10s --start-interval=500ms --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ADMIN_PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself, not npm: signals arrive where they are understood.
CMD ["node", "src/main.ts"]
