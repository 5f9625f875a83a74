/** Pure: names of images, taken apart as the Engine and registries want them. */
import { ImageError } from '../runtime.ts'

export interface ImageReference {
  /** With its registry, where it names one: `registry.example:5000/team/app`. */
  readonly name: string
  /** A tag, or a digest such as `sha256:...`. */
  readonly version: string
}

const DEFAULT_TAG = 'latest'
const NAME_LENGTH_MAX = 255

/** Lower-case parts between slashes; the first may be a registry, with capitals and a port. */
const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const HOST_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const TAG = '[\\w][\\w.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const REFERENCE = new RegExp(`^((?:${HOST}/)?${PART}(?:/${PART})*)(?::(${TAG}))?(?:@(${DIGEST}))?$`)
/** An id alone is no name: nobody could pull it. */
const ID = /^[a-f0-9]{64}$/

/** Throws ImageError of the reason InvalidImageName. A digest says more than a tag beside it. */
export function parseImageReference(reference: string): ImageReference {
  const [, name, tag, digest] = REFERENCE.exec(reference) ?? []
  if (name === undefined || name.length > NAME_LENGTH_MAX || ID.test(reference)) {
    throw new ImageError('InvalidImageName', problemOf(reference))
  }
  return { name, version: digest ?? tag ?? DEFAULT_TAG }
}

function problemOf(reference: string): string {
  const isUpper = /[A-Z]/.test(reference) && REFERENCE.test(reference.toLowerCase())
  const why = isUpper ? 'repository name must be lowercase' : 'invalid reference format'
  return `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": ${why}`
}

/** As the Engine lists it: a tag behind a colon, a digest behind an at sign. */
export function imageName({ name, version }: ImageReference): string {
  return version.includes(':') ? `${name}@${version}` : `${name}:${version}`
}

/** Every way to write Docker Hub is left out, as the Engine does in its lists. */
export function familiarName(reference: string): string {
  return reference.replace(/^(docker\.io|index\.docker\.io)\//, '').replace(/^library\//, '')
}
