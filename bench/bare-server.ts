/** The bare node:http server that the single-event POST is compared with: reads a body, answers 201. */
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end('{"response":{"status":"queued"}}')
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1')
