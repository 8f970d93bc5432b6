import { parentPort } from 'node:worker_threads'

// A harvest thread that ends in the middle of its part.
parentPort?.on('message', () => process.exit(7))
