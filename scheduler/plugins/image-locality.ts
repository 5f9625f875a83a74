/** Nodes that have the images already are better, unless only very few nodes have them. */
import { type Plugin, SCORE_MAX } from '../plugin.ts'

const MEGABYTE = 1024 * 1024
/** As upstream: less than this is pulled quickly; more than this, for each image, counts alike. */
const BYTES_MIN = 23 * MEGABYTE
const BYTES_MAX = 1000 * MEGABYTE

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  scorer({ spec }, { snapshot }) {
    const volumes = (spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? [])
    const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
    const images = [...containers.map(({ image = '' }) => image), ...volumes].map(withTag)
    const most = BYTES_MAX * images.length
    if (images.every((image) => snapshot.imageNodes(image) === 0)) return undefined
    return {
      score(node) {
        let sum = 0
        for (const image of images) {
          const bytes = node.images.get(image) ?? 0
          // The more nodes have it, the less it gathers all pods on one of them.
          sum += Math.trunc((bytes * snapshot.imageNodes(image)) / snapshot.nodes.length)
        }
        const bounded = Math.min(Math.max(sum, BYTES_MIN), most)
        return Math.floor((SCORE_MAX * (bounded - BYTES_MIN)) / (most - BYTES_MIN))
      },
    }
  },
}

/** Nodes report images with their tags. */
function withTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
