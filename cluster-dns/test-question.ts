/** Questions as bytes, for tests that ask like a client. */

interface QuestionOptions {
  readonly id?: number
  /** In place of those of the name, for labels that no text can hold. */
  readonly labels?: readonly string[]
  /** Of the extension, which is left out without it. */
  readonly sizeMax?: number
  readonly opcode?: number
  readonly class?: number
  readonly version?: number
}

export function questionText(name: string, type: number, options: QuestionOptions = {}): Buffer {
  const { id = 1, labels = name.split('.'), sizeMax, opcode = 0, version = 0 } = options
  const header = Buffer.alloc(12)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(0x0100 | (opcode << 11), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(sizeMax === undefined ? 0 : 1, 10)
  const bytes = labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')])
  const shape = Buffer.from([0, type >> 8, type & 0xff, 0, options.class ?? 1])
  if (sizeMax === undefined) return Buffer.concat([header, Buffer.from(bytes), shape])
  const extension = [0, 0, 41, sizeMax >> 8, sizeMax & 0xff, 0, version, 0, 0, 0, 0]
  return Buffer.concat([header, Buffer.from(bytes), shape, Buffer.from(extension)])
}
