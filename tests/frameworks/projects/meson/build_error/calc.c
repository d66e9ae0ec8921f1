#include <stdlib.h>

/* The first two numbers make the third; without numbers there is nothing to do (77: skipped). */
int main(int count, char **words) {
    if (count < 4)
        return 77
    return atoi(words[1]) + atoi(words[2]) != atoi(words[3]);
}
