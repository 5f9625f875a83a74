/** Images of a hollow node: whatever is asked for is there as soon as it has been pulled. */
import { createHash } from 'node:crypto'
import { parseImageReference } from '#api/rules/image-reference.ts'
import { type Image, ImageError, type Images, type PullOptions } from '../runtime.ts'

const SIZE_BYTES = 1_000_000

export class HollowImages implements Images {
  readonly #images = new Map<string, Image>()
  readonly #fails: (podUid: string) => boolean

  constructor(fails: (podUid: string) => boolean) {
    this.#fails = fails
  }

  async find(reference: string): Promise<Image | undefined> {
    const byName = this.#images.get(reference)
    if (byName) return byName
    const isMeant = ({ id, digests }: Image): boolean => [id, ...digests].includes(reference)
    return this.#images.values().find(isMeant)
  }

  async pull(reference: string, { pod }: PullOptions): Promise<Image> {
    if (!parseImageReference(reference)) {
      const problem = `couldn't parse image name "${reference}": invalid reference format`
      throw new ImageError('InvalidImageName', problem)
    }
    if (this.#fails(pod.uid)) throw new ImageError('ErrImagePull', 'told to fail')
    const known = this.#images.get(reference)
    if (known) return known
    const digest = `sha256:${createHash('sha256').update(reference).digest('hex')}`
    const image: Image = {
      id: digest,
      names: [reference],
      digests: [`${reference.split('@')[0]!.replace(/:[^/:]*$/, '')}@${digest}`],
      sizeBytes: SIZE_BYTES,
      user: '',
      isOurs: true,
    }
    this.#images.set(reference, image)
    return image
  }

  async list(): Promise<readonly Image[]> {
    return [...this.#images.values()]
  }

  async remove(id: string): Promise<void> {
    for (const [name, image] of this.#images) if (image.id === id) this.#images.delete(name)
  }
}
