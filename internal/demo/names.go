package demo

import (
	"fmt"
	"strings"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/party"
)

type both struct{ zh, en string }

var parkNames = [...]both{
	{"听澜软件园", "Tinglan Software Park"},
	{"望潮物联园", "Wangchao IoT Park"},
	{"青屿生物医药园", "Qingyu Biomedical Park"},
	{"海湾新材料园", "Haiwan New Materials Park"},
	{"东岸智造园", "East Bank Manufacturing Park"},
	{"云帆创业园", "Yunfan Start-up Park"},
	{"石浦港物流园", "Shipu Logistics Park"},
	{"灯塔总部园", "Lighthouse Business Park"},
}

var streetNames = [...]both{{"听潮街道", "Tingchao Street"}, {"望海街道", "Wanghai Street"}, {"青屿街道", "Qingyu Street"}}

var gateNames = [...]both{{"1 号门", "gate 1"}, {"2 号门", "gate 2"}, {"货运门", "freight gate"}}

var (
	surnames = strings.Fields("王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 田 董 潘 袁 蔡 蒋 余 于 杜 叶 程 魏 苏 吕 丁 任 卢 姚 沈 钟 姜 崔 谭 陆 范 汪 廖 石 金 韦 贾 夏 付 方 邹 熊 白 孟 秦 邱 侯 江 尹 薛 闫 段 雷 龙 黎 史 陶 贺 毛 郝 顾 龚 邵 万 覃 武 钱 戴 严 莫 孔 向 常 汤")
	given    = strings.Fields("伟 芳 娜 敏 静 强 磊 洋 艳 勇 军 杰 娟 涛 明 超 霞 平 刚 桂 英 华 玉 兰 红 鑫 宇 浩 欣 怡 梓 涵 子 轩 雨 晨 佳 琪 思 远 文 博 志 鹏 海 波 建 国 春 梅 秀 珍 丽 莉 婷 雪 慧 颖 俊 峰 晓 东 小 龙 天 佑 嘉 豪 诗 雅 若 曦 一 诺 安 宁 立 新 成 林 永 康 凯 翔 书 瑶 可 馨 梦 洁 亦 凡 景 行 知 微 如 意")
	brands   = strings.Fields("云桥 澄波 远帆 听涛 望舒 青禾 星渚 砺石 朗月 汀兰 逐浪 沐风 拾光 归帆 长汀 锦鲤 白鹭 鸣沙 初晴 晓岸 定海石 灯塔 罗盘 铁锚 锚地 潮信 浪花 双桅 银梭 蓝鲸 北礁 南屿 东堤 西汀 沧岸 碧漪 晴屿 渔火 石舫 飞鸥 海棠 芦洲 玉衡 天枢 启明 长庚 飞廉 雨师 扶桑 昆吾")
	seconds  = strings.Fields("恒 瑞 泰 鑫 达 通 源 盛 航 联 创 科 智 诚 信 德 和 顺 丰 益 铭 宏 嘉 卓 精 易 优 捷 凌 旭 晟 昱 霖 泽 沛 津 浦 湾 港 岛")
)

// trade is a line of business: what firms in it are called, the option of the
// rules it files under, and how many of a thousand firms are in it.
type trade struct {
	name, industry string
	weight         int
	posts          []string
}

var trades = [...]trade{
	{"软件", "software", 180, strings.Fields("开发 测试 运维 产品 行政")},
	{"精密制造", "manufacturing", 170, strings.Fields("操作工 质检 设备 仓管 班长")},
	{"新材料", "manufacturing", 90, strings.Fields("操作工 配料 质检 设备 班长")},
	{"物联网科技", "software", 90, strings.Fields("开发 硬件 测试 现场 行政")},
	{"生物医药", "medical-supplies", 60, strings.Fields("研发 检验 生产 质量 注册")},
	{"医疗器械", "medical-supplies", 50, strings.Fields("生产 质检 包装 注册 销售")},
	{"食品", "food-processing", 40, strings.Fields("操作工 配料 品控 包装 送货")},
	{"物流", "logistics", 60, strings.Fields("司机 装卸 调度 仓管 客服")},
	{"贸易", "wholesale", 90, strings.Fields("业务 单证 跟单 财务 行政")},
	{"检测技术", "research", 40, strings.Fields("检测 采样 报告 审核 客服")},
	{"建设工程", "construction", 40, strings.Fields("钢筋工 木工 安全员 施工员 资料员")},
	{"物业服务", "property", 30, strings.Fields("保安 保洁 维修 客服 经理")},
	{"企业管理", "business", 30, strings.Fields("顾问 助理 财务 行政 司机")},
	{"教育培训", "training", 12, strings.Fields("教师 教务 前台 顾问 保洁")},
	{"影院管理", "cinema", 4, strings.Fields("放映 票务 保洁 店长 餐饮")},
	{"健身服务", "indoor-gym", 8, strings.Fields("教练 前台 会籍 保洁 店长")},
	{"洗浴服务", "bathhouse", 6, strings.Fields("服务 前台 保洁 锅炉 店长")},
}

// firmName is an unused invented name; the district's own name in front keeps it
// from being anybody's.
func (b *builder) firmName(t trade) string {
	for {
		n := "潮生" + brands[b.rnd.IntN(len(brands))] + seconds[b.rnd.IntN(len(seconds))]
		if b.used[n+t.name] {
			n += seconds[b.rnd.IntN(len(seconds))]
		}
		if b.used[n+t.name] {
			continue
		}
		if b.used == nil {
			b.used = map[string]bool{}
		}
		b.used[n+t.name] = true
		return n + t.name + "有限公司"
	}
}

// creditCode is a valid code of a region that does not exist.
func (b *builder) creditCode() string {
	const org = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	b.firms++
	n := b.firms
	var tail [9]byte
	for i := 8; i >= 0; i-- {
		tail[i] = org[n%31]
		n /= 31
	}
	return ident.MakeCreditCode("91990201" + string(tail[:]))
}

// person is the next invented worker.
func (b *builder) person() party.Person {
	p := b.invent(b.people)
	b.people++
	return p
}

// invent makes up the ith person. Numbers never repeat: birth day and sequence walk on.
func (b *builder) invent(i int) party.Person {
	r := b.rnd
	name := surnames[r.IntN(len(surnames))] + given[r.IntN(len(given))]
	if r.IntN(10) > 2 {
		name += given[r.IntN(len(given))]
	}
	// 16,000 days from 1958 on, 999 sequence numbers each: 16 million people.
	birth := time.Date(1958, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, (i*7919)%16000)
	number := ident.MakeMainlandID("330299", birth, 1+i/16000)
	return party.Person{Name: name, IDKind: ident.KindMainland, IDNumber: number, Phone: fmt.Sprintf("1990%07d", i+1)}
}
