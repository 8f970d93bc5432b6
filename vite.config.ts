import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** Cross-origin isolation, without which WebAssembly runs on one thread. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export default defineConfig({
  base: './',
  plugins: [react()],
  build: { target: 'esnext' },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
  test: { include: ['test/**/*.test.{ts,tsx}'], testTimeout: 30_000 },
})
