"""English names of columns, and what a Chinese goal calls them; numerals; words that say nothing of the matter."""

from trivet_plan_smollm2.words.measures import parts

NUMERALS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_NAMES = {
    "数量 件数": "quantity qty pieces count sold", "金额 总额": "amount total paid", "价格 单价 价钱": "price cost",
    "名称 名字 姓名": "name title", "日期": "date day", "城市": "city town", "国家": "country",
    "类别 类型 种类": "category kind type group", "评分 分数": "score rating", "年龄": "age", "重量": "weight mass kg",
    "距离": "distance km", "时长 分钟": "minutes duration", "门店 店铺": "shop store", "产品 商品": "product item",
    "客户 顾客": "customer", "状态": "status state", "电话": "phone", "地址": "address", "部门": "department team",
    "库存": "stock", "作者": "author", "级别": "level", "来源 地方 位置": "source place location", "人数": "people",
    "雨量 降雨": "rain", "年份": "year", "房间": "room", "渠道": "channel", "品名": "item product tea",
    "产地": "origin", "联系人": "contact", "楼层": "floor", "司机 驾驶员": "driver", "车牌": "plate", "站点 停靠站": "stop",
    "公里 里程": "km", "颜色": "color colour", "尺寸 尺码": "size", "课程": "course", "老师 教师": "teacher",
    "学生": "student pupil", "成绩": "score grade mark", "供应商": "supplier", "仓库": "warehouse depot", "品牌": "brand",
    "型号": "model", "员工 职员": "employee staff", "工资 薪水": "salary wage pay", "温度 气温": "temperature temp",
    "编号": "id no code", "备注": "note comment", "折扣": "discount", "运费": "shipping", "体积": "volume",
    "性别": "sex gender", "生日": "birthday born", "语言": "language", "页数": "pages", "出版社": "publisher",
    "导演": "director", "座位": "seat", "票价": "fare", "航班": "flight", "车站": "station", "学校": "school", "医生": "doctor",
    "病人 患者": "patient", "燃料": "fuel", "会员": "member",
}  # fmt: skip
PARTICLES = (
    "麻烦您?你?|还|劳驾|谢谢(?:您|你)?|多谢|请问|请|您好|你好|帮我|帮忙|告诉我|给我|我想知道|想知道|我要|我想|需要|列出来?|列一下|显示|找出来?|查一下|查询|查"
    "|看一下|看看|算一下|算出|算|统计一下|统计|计算|汇总|一下|里面|里边|里头|里|中间|中|内|的|了|是|有|[上吃用做开坐穿教学]什么|在|和|与|及|为|呢|吗|吧|啊|呀|什么|哪一个|哪一种"
    "|哪个|哪种|哪些|哪几|哪|谁|所有|全部|数据|文件|表格|表|记录|都|就|要|把|将|被|这个|那个|这|那|它们?|我们|咱们|元|块|人民币|类|种|间|个|名|本|条|件"
    "|数|共|从|来|对|由|于|关于|按照|根据|出来|出现|发生|过|得|住|用|做|各自|分别|情况|目前|现在|一个|多的|而且|并且|并|也|给|到底|会|能|可以|占|次"
)
ROWS = "订单|单子|记录|商品|客人|客户|顾客|日志|条目|数目|数量"
"""What rows may be called, whatever the table."""


_KINDS = {
    "rain rainy": "下过雨 下了雨 下雨 雨天 有雨",
    "snow snowy": "下过雪 下了雪 下雪 雪天 有雪", "fog foggy": "起雾 雾天 有雾 大雾",
    "drizzle": "毛毛雨 细雨", "sun sunny clear": "晴天 晴朗 出太阳", "cloudy overcast": "多云 阴天", "storm": "暴风雨 暴风",
    "yes": "是的", "red": "红色", "blue": "蓝色", "green": "绿色", "yellow": "黄色", "white": "白色", "black": "黑色",
    "male": "男性 男生", "female": "女性 女生", "adult": "成人 成年人", "child": "儿童 小孩", "junior": "青少年",
}  # fmt: skip
"""English values of columns that are words of everyday life, and what a Chinese goal calls them."""


def kinds_of(value: str) -> tuple[str, ...]:
    """How a value that is such a word is said."""
    return tuple(said for words, forms in _KINDS.items() if value.lower() in words.split() for said in forms.split())


def english_of(column: str) -> frozenset[str]:
    """English words for a column that has a Chinese name."""
    found = [
        english
        for words, english in _NAMES.items()
        if any(word == column or column[-2:] == word for word in words.split())
    ]
    return frozenset(word for english in found for word in english.split()) if not column.isascii() else frozenset()


def names_of(column: str) -> tuple[str, ...]:
    """Chinese words for a column that has an English name."""
    if not column.isascii():
        return ()
    own = parts(column)
    return tuple(word for words, english in _NAMES.items() if own & set(english.split()) for word in words.split())
