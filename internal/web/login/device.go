package login

import "strings"

// device says in two words what a person knows the machine by. Names of
// products are the same in every language. It is a courtesy, not evidence: a
// program may say what it likes about itself.
func device(agent string) string {
	has := func(s string) bool { return strings.Contains(agent, s) }
	first := func(pairs ...[2]string) string {
		for _, p := range pairs {
			if has(p[0]) {
				return p[1]
			}
		}
		return ""
	}
	browser := first([2]string{"MicroMessenger", "WeChat"}, [2]string{"DingTalk", "DingTalk"}, [2]string{"HuaweiBrowser", "Huawei Browser"},
		[2]string{"MiuiBrowser", "Mi Browser"}, [2]string{"UCBrowser", "UC"}, [2]string{"QQBrowser", "QQ Browser"}, [2]string{"Edg", "Edge"}, [2]string{"Firefox", "Firefox"},
		[2]string{"Chrome", "Chrome"}, [2]string{"Safari", "Safari"}, [2]string{"curl", "curl"})
	system := first([2]string{"HarmonyOS", "HarmonyOS"}, [2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"},
		[2]string{"Windows", "Windows"}, [2]string{"Macintosh", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.Trim(browser+" · "+system, " ·")
}
