/* Answers the dialogs of an installer as a person does: press.exe TITLE [type TEXT | press BUTTON]...
 *
 * Waits for each window and control to appear. Exit status: 0 done, 1 something did not appear within three minutes. */
#include <stdio.h>
#include <windows.h>

struct wanted {
    const WCHAR *title, *class, *text;
    HWND found;
};

static BOOL CALLBACK control(HWND window, LPARAM given) {
    struct wanted *wanted = (struct wanted *)given;
    WCHAR class[64], text[128];
    GetClassNameW(window, class, 64);
    GetWindowTextW(window, text, 128);
    if (lstrcmpiW(class, wanted->class) || (wanted->text && lstrcmpW(text, wanted->text)) || !IsWindowEnabled(window))
        return TRUE;
    wanted->found = window;
    return FALSE;
}

static BOOL CALLBACK window(HWND window, LPARAM given) {
    struct wanted *wanted = (struct wanted *)given;
    WCHAR title[128];
    GetWindowTextW(window, title, 128);
    if (lstrcmpW(title, wanted->title) == 0)
        EnumChildWindows(window, control, given);
    return wanted->found == NULL;
}

int wmain(int count, WCHAR **words) {
    for (int next = 2; next + 1 < count; next += 2) {
        BOOL types = lstrcmpW(words[next], L"type") == 0;
        struct wanted wanted = {words[1], types ? L"RichEdit20W" : L"Button", types ? NULL : words[next + 1], NULL};
        for (int tries = 0; wanted.found == NULL && tries < 1800; tries++) {
            Sleep(100);
            EnumWindows(window, (LPARAM)&wanted);
            /* Of the two classes that the installer of Windows and that of Wine make fields of. */
            if (types && wanted.found == NULL)
                wanted.class = lstrcmpW(wanted.class, L"Edit") ? L"Edit" : L"RichEdit20W";
        }
        if (wanted.found == NULL) {
            fwprintf(stderr, L"%ls did not appear\n", words[next + 1]);
            return 1;
        }
        if (types)
            SendMessageW(wanted.found, WM_SETTEXT, 0, (LPARAM)words[next + 1]);
        else
            PostMessageW(wanted.found, BM_CLICK, 0, 0);
    }
    return 0;
}
