import { Button, Stack, Tabs, Text } from '@mantine/core'
import { getWorkspace } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { answerAndHeaders } from '../../api/problem.ts'
import { useWorkspace } from '../../api/session.ts'
import { DIALECT_NAMES } from '../../parts/dialects.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { PATHS } from '../../paths.ts'
import { Connection } from './connection.tsx'
import { RECIPES } from './recipes/index.ts'

const route = getRouteApi('/with-session/in-workspace/connect')

/** How to point a client here: credentials for each API, and a first call that works. */
export function ConnectPage() {
  const { guid, name } = useWorkspace()
  const { dialect = 'native' } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery({
    queryKey: ['workspace', guid],
    queryFn: ({ signal }) => answerAndHeaders(getWorkspace({ client, signal, path: { guid } })),
  })
  return (
    <Page
      title="Connect"
      text={`Point a client here: change its base address and its credentials. Everything goes into ${name}.`}
      actions={
        <Button component={Link} to={PATHS.live} variant="default">
          Watch what comes
        </Button>
      }
    >
      <QueryState query={query}>
        {({ data }) => (
          <Tabs
            value={dialect}
            onChange={(value) => void navigate({ search: { dialect: value ?? undefined }, replace: true })}
            keepMounted={false}
          >
            <Tabs.List>
              {RECIPES.map((recipe) => (
                <Tabs.Tab key={recipe.dialect} value={recipe.dialect}>
                  {DIALECT_NAMES[recipe.dialect]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {RECIPES.map((recipe) => (
              <Tabs.Panel key={recipe.dialect} value={recipe.dialect} pt="lg">
                <Stack gap="lg" maw={760}>
                  <Text>{recipe.text}</Text>
                  <Connection recipe={recipe} workspace={data} />
                </Stack>
              </Tabs.Panel>
            ))}
          </Tabs>
        )}
      </QueryState>
    </Page>
  )
}
