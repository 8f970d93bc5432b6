import { parentPort } from 'node:worker_threads'

// A harvest thread whose part does not fit into its memory.
parentPort?.on('message', () => {
  const hoard = []
  for (;;) hoard.push(new Array(1000).fill({}))
})
