# One image for all services: Node, the project, and the programs with which nodes change networks.
ARG BASE=node:26-bookworm-slim
FROM ${BASE}

# A base image that brings them already needs no package server.
RUN for program in nft ip conntrack nsenter mount curl; do \
      command -v "$program" >/dev/null || missing=yes; \
    done; \
    [ -z "$missing" ] || { \
      apt-get update && \
      apt-get install -y --no-install-recommends \
        nftables iproute2 conntrack util-linux mount curl nfs-common && \
      rm -rf /var/lib/apt/lists/*; \
    }

WORKDIR /nanokube
COPY package.json package-lock.json ./
# Nor does one that brings just these packages need a registry.
RUN cmp -s package-lock.json node_modules/.made-of || npm ci --omit=dev
COPY . .

# What Node compiles is kept in the image, so that the first start is as quick as later ones.
ENV NODE_COMPILE_CACHE=/var/cache/nanokube
RUN for service in apiserver controller-manager scheduler cloud-controller-manager \
      cluster-dns kubelet kube-proxy; do \
      node "$service/main.ts" --version; \
    done

ENTRYPOINT ["node"]
CMD ["cli/main.ts", "--help"]
