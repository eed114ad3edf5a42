import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressAssets } from './compress-assets.ts'

/** The console is built into static files that the server hands out below `/console/`. */
export default defineConfig({
  base: '/console/',
  plugins: [react(), compressAssets()],
  // The sdk is bundled from its sources: a type that changed is seen at once.
  resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
  build: {
    target: 'es2022',
    // Nothing becomes a data: address, which the content security policy would refuse for scripts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  // `npx vite` in this folder shows what is being written, with the data of a server that runs.
  server: { proxy: { '/api': process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:4100' } },
})
