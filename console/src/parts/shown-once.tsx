import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { IconEyeOff } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** What the server tells only now. It does not close by a click beside it: it would be gone. */
export function ShownOnce(props: { title: string; text: string; children: ReactNode; onClose: () => void }) {
  const { title, text, children, onClose } = props
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      centered
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <Alert color="yellow" icon={<IconEyeOff aria-hidden />}>
          {text}
        </Alert>
        {children}
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            I have kept it
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
