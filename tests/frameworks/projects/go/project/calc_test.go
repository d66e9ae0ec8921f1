package calc

import (
	"fmt"
	"testing"
)

func TestAdd(t *testing.T) {
	t.Run("small", func(t *testing.T) {
		if got := Add(1, 2); got != 3 {
			t.Errorf("Add(1, 2) = %d", got)
		}
	})
}

func TestSkipped(t *testing.T) { t.Skip("not today") }

func ExampleAdd() {
	fmt.Println(Add(2, 2))
	// Output: 4
}
