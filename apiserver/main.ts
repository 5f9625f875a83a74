/**
 * Starts the API server. What Node compiles is kept for the next start, which halves the time until
 * the server answers; that has to be said before the rest is loaded, so the rest is another file.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('./serve.ts')
