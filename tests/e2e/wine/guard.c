/* A program that runs until it is ended, as a process of its own or as a service: `guard.exe service NAME`. What
   matters is the version resource linked to it. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static SERVICE_STATUS_HANDLE handle;
static HANDLE ended;
static char *name;

static void tell(DWORD state) {
  SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, SERVICE_ACCEPT_STOP, 0, 0, 0, 0};
  SetServiceStatus(handle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context) {
  if (code == SERVICE_CONTROL_STOP) SetEvent(ended);
  return NO_ERROR;
}

static void WINAPI serve(DWORD count, char **words) {
  ended = CreateEventA(NULL, TRUE, FALSE, NULL);
  handle = RegisterServiceCtrlHandlerExA(name, control, NULL);
  tell(SERVICE_RUNNING);
  WaitForSingleObject(ended, INFINITE);
  tell(SERVICE_STOPPED);
}

int main(int count, char **words) {
  if (count == 3 && strcmp(words[1], "service") == 0) {
    SERVICE_TABLE_ENTRYA table[] = {{words[2], serve}, {NULL, NULL}};
    name = words[2];
    return !StartServiceCtrlDispatcherA(table);
  }
  Sleep(600000);
  return 0;
}
