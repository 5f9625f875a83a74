/** The image that sandboxes are made of: built on the spot from one program, never pulled. */
import { createHash } from 'node:crypto'
import type { Engine } from '../engine.ts'
import { unlessMissing } from '../engine-error.ts'
import { arm64 } from './arm64.ts'
import type { Processor } from './assembler.ts'
import { pauseProgram } from './pause-program.ts'
import { x86 } from './x86-64.ts'

export const PAUSE_PATH = '/pause'
const REPOSITORY = 'nanokube-sandbox'
const HASH_DIGITS = 12

/** As Engines call them. */
const processors: Readonly<Record<string, Processor>> = {
  x86_64: x86,
  amd64: x86,
  aarch64: arm64,
  arm64,
}

/** Imports under way: of two at a time, the first would be left without its name. */
const imports = new WeakMap<Engine, Promise<string>>()

/** Name of the image, which is there when this resolves. Its content is part of the name. */
export function ensurePauseImage(engine: Engine, architecture: string): Promise<string> {
  const running = imports.get(engine)
  if (running) return running
  const ensured = ensure(engine, architecture).finally(() => imports.delete(engine))
  imports.set(engine, ensured)
  return ensured
}

async function ensure(engine: Engine, architecture: string): Promise<string> {
  const processor = processors[architecture]
  if (!processor) {
    const known = Object.keys(processors).join(', ')
    throw new Error(`sandbox: the Engine runs on "${architecture}", wanted one of ${known}`)
  }
  const program = pauseProgram(processor)
  const tag = createHash('sha256').update(program).digest('hex').slice(0, HASH_DIGITS)
  const name = `${REPOSITORY}:${tag}`
  if (await unlessMissing(engine.inspectImage(name))) return name
  await engine.importImage(REPOSITORY, tag, tarOf(PAUSE_PATH.slice(1), program), [
    `ENTRYPOINT ["${PAUSE_PATH}"]`,
    'LABEL io.nanokube.type=sandbox-image',
  ])
  return name
}

const BLOCK_BYTES = 512
const CHECKSUM_AT = 148
const CHECKSUM_BYTES = 8

/** A tar archive (ustar) of one executable file. */
export function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES)
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  header.write(name, 0)
  header.write(octal(0o755, 7), 100)
  header.write(octal(0, 7), 108) // Owner and group: root.
  header.write(octal(0, 7), 116)
  header.write(octal(content.length, 11), 124)
  header.write(octal(0, 11), 136) // 1970: the same program makes the same archive.
  header.fill(' ', CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES)
  header.write('0', 156) // A plain file.
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\0 `, CHECKSUM_AT)
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES)
  // Two empty blocks end an archive.
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK_BYTES)])
}
