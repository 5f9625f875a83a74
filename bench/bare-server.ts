/**
 * The floor of an API server's work, as a peer to compare with: it keeps the bytes that it is sent,
 * durably and in groups, and gives them back. It checks, defaults, versions and indexes nothing.
 */
import { readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const [logFile = '', certificateFile, keyFile] = process.argv.slice(2)

const objects = new Map<string, Buffer>()
const watchers = new Set<ServerResponse>()
const log = await open(logFile, 'a')
let queued: { readonly bytes: Buffer; readonly done: () => void }[] = []
let isFlushing = false

async function flush(file: FileHandle): Promise<void> {
  isFlushing = true
  while (queued.length > 0) {
    const group = queued
    queued = []
    await file.writev(group.map(({ bytes }) => bytes))
    await file.datasync()
    for (const { done } of group) done()
  }
  isFlushing = false
}

function append(bytes: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  queued.push({ bytes, done: resolve })
  if (!isFlushing) void flush(log)
  return promise
}

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => resolve(Buffer.concat(chunks)))
  request.on('error', reject)
  return promise
}

function respond(response: ServerResponse, status: number, body: Buffer): void {
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  response.writeHead(status, headers)
  response.end(body)
}

async function write(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request)
  const { metadata } = JSON.parse(body.toString()) as { metadata: { name: string } }
  await append(body)
  objects.set(metadata.name, body)
  const event = Buffer.concat([Buffer.from('{"type":"ADDED","object":'), body, Buffer.from('}\n')])
  for (const watcher of watchers) watcher.write(event)
  respond(response, request.method === 'POST' ? 201 : 200, body)
}

const comma = Buffer.from(',')

function all(): Buffer {
  const items = [...objects.values()].flatMap((bytes) => [comma, bytes]).slice(1)
  return Buffer.concat([Buffer.from('{"items":['), ...items, Buffer.from(']}')])
}

function read({ url = '' }: IncomingMessage, response: ServerResponse): void {
  if (url.includes('watch=1')) {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    watchers.add(response)
    response.on('close', () => watchers.delete(response))
    return
  }
  const one = objects.get(url.slice(url.lastIndexOf('/') + 1))
  respond(response, 200, one ?? all())
}

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.method === 'GET') read(request, response)
  else void write(request, response)
}

const server =
  certificateFile && keyFile
    ? createTlsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, answer)
    : createPlainServer(answer)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
