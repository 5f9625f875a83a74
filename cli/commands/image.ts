/** `nanokube image load`: images from archives, for nodes of this machine. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Engine } from '#engine/engine.ts'
import { unlessMissing } from '#engine/engine-error.ts'
import { engineFlags } from '../chosen-cluster.ts'
import { CommandError, defineCommand } from '../command.ts'

export const imageLoad = defineCommand({
  name: 'image load',
  summary: 'Gives nodes of this machine an image: an archive of docker save, or a name.',
  words: { usage: 'ARCHIVE|NAME', min: 1, max: 1 },
  options: engineFlags,
  async run(values, [word = ''], { progress }) {
    await using engine = new Engine(values.engine)
    const isArchive = await stat(word).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isArchive) {
      const images = await progress.step(`Loaded ${word}`, () =>
        engine.loadImages(createReadStream(word)),
      )
      progress.report({ images }, images.join('\n'))
      return
    }
    if (!(await unlessMissing(engine.inspectImage(word)))) {
      throw new CommandError(
        `image load: "${word}" is no file, and the Engine at ${values.engine} has no such image`,
        'Build or pull it, or give an archive: docker save -o image.tar NAME',
      )
    }
    progress.report(
      { images: [word] },
      `Nothing to do: nodes of this machine use its Engine, which has ${word}.`,
    )
  },
})
