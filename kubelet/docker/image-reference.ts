/** Pure: names of images as the Engine writes them. */
import { parseImageReference } from '#api/rules/image-reference.ts'
import { ImageError } from '../runtime.ts'

export interface EngineReference {
  /** Where its credentials are for; Docker Hub has an address of its own for that. */
  readonly server: string
  /** With its registry, unless that is Docker Hub: `registry.example:5000/team/app`. */
  readonly name: string
  /** A tag, or a digest such as `sha256:...`, which says more than a tag beside it. */
  readonly version: string
}

const DOCKER_HUB = 'docker.io'
const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/'

/** Throws ImageError of the reason InvalidImageName. */
export function engineReference(reference: string): EngineReference {
  const parsed = parseImageReference(reference)
  if (!parsed) {
    const problem = `couldn't parse image name "${reference}": invalid reference format`
    const message = `Failed to apply default image tag "${reference}": ${problem}`
    throw new ImageError('InvalidImageName', message)
  }
  const { domain, path, tag, digest } = parsed
  const version = digest === '' ? tag : digest
  if (domain !== DOCKER_HUB) return { server: domain, name: `${domain}/${path}`, version }
  return { server: DOCKER_HUB_SERVER, name: path.replace(/^library\//, ''), version }
}

/** As the Engine lists it: a tag behind a colon, a digest behind an at sign. */
export function imageName({ name, version }: EngineReference): string {
  return version.includes(':') ? `${name}@${version}` : `${name}:${version}`
}
