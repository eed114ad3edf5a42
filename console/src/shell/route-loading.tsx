import { Center, Loader } from '@mantine/core'

/** Shown while the code of a page comes. */
export function RouteLoading() {
  return (
    <Center mih={240}>
      <Loader aria-label="Loading" />
    </Center>
  )
}
