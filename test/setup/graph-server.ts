import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody who logged in to an app at a Graph API. */
export interface GraphToken {
  appId: string
  userId: string
  email?: string
  isValid?: boolean
}

/** A server that answers `/debug_token` and `/me` as Facebook documents them. */
export interface GraphServer {
  url: string
  /** Tokens that it knows. */
  tokens: Map<string, GraphToken>
  close(): Promise<void>
}

interface Reply {
  status: number
  body: object
}

/** The error of the documentation, "Handling Errors". */
const refusal = (status: number, code: number, message: string): Reply => ({
  status,
  body: { error: { message, type: 'OAuthException', code, fbtrace_id: 'trace' } },
})

/** Starts the server. @param app whose secret it checks */
export async function openGraphServer(app: { id: string; secret: string }): Promise<GraphServer> {
  const tokens = new Map<string, GraphToken>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://graph')
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? ''
    const { status, body } =
      url.pathname === '/debug_token' ? debug(url, tokens, app) : me(url, bearer, tokens, app.secret)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function debug(
  { searchParams }: URL,
  tokens: GraphServer['tokens'],
  app: { id: string; secret: string },
): Reply {
  if (searchParams.get('access_token') !== `${app.id}|${app.secret}`)
    return refusal(400, 190, 'Invalid OAuth access token signature.')
  const token = tokens.get(searchParams.get('input_token') ?? '')
  if (!token)
    return {
      status: 200,
      body: {
        data: { error: { code: 190, message: 'Invalid OAuth access token.' }, is_valid: false, scopes: [] },
      },
    }
  const { appId, userId, isValid = true } = token
  return {
    status: 200,
    body: { data: { app_id: appId, type: 'USER', is_valid: isValid, scopes: ['email'], user_id: userId } },
  }
}

function me({ searchParams }: URL, bearer: string, tokens: GraphServer['tokens'], secret: string): Reply {
  const token = tokens.get(bearer)
  if (!token) return refusal(401, 190, 'Invalid OAuth access token.')
  const proof = createHmac('sha256', secret).update(bearer).digest('hex')
  if (searchParams.get('appsecret_proof') !== proof)
    return refusal(400, 100, 'Invalid appsecret_proof provided in the API argument')
  const { userId, email } = token
  return { status: 200, body: { id: userId, ...(email !== undefined && { email }) } }
}
