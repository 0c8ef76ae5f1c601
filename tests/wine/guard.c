/* A program that runs until it is ended; what matters is the version resource linked to it. */
#include <windows.h>
int main(void) { Sleep(600000); return 0; }
